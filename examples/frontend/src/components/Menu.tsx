import './Menu.css';
import { type ComponentProps, type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { Icon } from './Icon';

interface Props {
  icon: ComponentProps<typeof Icon>['name'];
  label: string;
  children: ReactNode;
}

/** A button with a panel under it, which closes on Escape, and when the focus or the pointer goes elsewhere. */
export function Menu({ icon, label, children }: Props) {
  const menu = useRef<HTMLDetailsElement>(null);
  const button = useRef<HTMLElement>(null);
  const close = () => menu.current?.removeAttribute('open');
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    close();
    button.current?.focus();
  };
  const onBlur = (event: FocusEvent) => {
    if (event.relatedTarget && !menu.current?.contains(event.relatedTarget)) close();
  };
  useEffect(() => {
    const onPointerDown = ({ target }: PointerEvent) => {
      if (target instanceof Node && !menu.current?.contains(target)) menu.current?.removeAttribute('open');
    };
    addEventListener('pointerdown', onPointerDown);
    return () => removeEventListener('pointerdown', onPointerDown);
  }, []);
  return (
    <details ref={menu} className="menu" onKeyDown={onKeyDown} onBlur={onBlur}>
      <summary ref={button} className="button" aria-label={label}>
        <Icon name={icon} /> <span className="label">{label}</span>
      </summary>
      <div className="panel">{children}</div>
    </details>
  );
}
